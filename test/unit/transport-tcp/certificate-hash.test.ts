import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { certificateHash } from '../../../packages/transport-tcp/src/certificate-hash.js'

/** Certificates in DER, as base64, with their signatures and the hash functions that RFC 5929 §4.1 makes of them. */
const certificates: ReadonlyArray<readonly [signature: string, hash: string | undefined, der: string]> = [
  [
    'ECDSA with SHA-384',
    'sha384',
    'MIIBhjCCASugAwIBAgIUQqPLJdUAJgl59FqGNrIIz6ZSnGIwCgYIKoZIzj0EAwMwFzEVMBMGA1UEAwwMZWNkc2Etc2hhMzg0MCAX' +
      'DTI2MTEyMjIzMDcxM1oYDzIxMjYxMDI5MjMwNzEzWjAXMRUwEwYDVQQDDAxlY2RzYS1zaGEzODQwWTATBgcqhkjOPQIBBggqhkjO' +
      'PQMBBwNCAAQPxAy0sjJ2QGEvWy5cPdF7TJW7X91Y2i7L+fFB6C0RlA/8pIsXOR0mSpCLfV14h00uItBpEbfxFPd+njiJz7Jio1Mw' +
      'UTAdBgNVHQ4EFgQU7mz++FZrjk4nnBmlQSdfefiA+eswHwYDVR0jBBgwFoAU7mz++FZrjk4nnBmlQSdfefiA+eswDwYDVR0TAQH/' +
      'BAUwAwEB/zAKBggqhkjOPQQDAwNJADBGAiEA7vHaucWA/CFuq3q26BYn6/Y6w7PkpW+qd0HS9fQhT3kCIQCj+xsze0XE6F9hfeAm' +
      '/tTpjaqpQoCvK8yYpLbs2IBlyA==',
  ],
  [
    'ECDSA with SHA-224',
    'sha224',
    'MIIBhTCCASugAwIBAgIUfzlfWSPxhyw6UCuizVrFIWyHI8cwCgYIKoZIzj0EAwEwFzEVMBMGA1UEAwwMZWNkc2Etc2hhMjI0MCAX' +
      'DTI2MTEyMjIzMDcxM1oYDzIxMjYxMDI5MjMwNzEzWjAXMRUwEwYDVQQDDAxlY2RzYS1zaGEyMjQwWTATBgcqhkjOPQIBBggqhkjO' +
      'PQMBBwNCAATtextljtQzKFpZYdOyG2pUJ9w4+/ml+nABZnTuH5j5Usi/BGNOjsECLaKXDykhlrLz8Nea+De06hKI8vNBcR3zo1Mw' +
      'UTAdBgNVHQ4EFgQUe0LJOzDLvd+tTvzsx841AB3ROxwwHwYDVR0jBBgwFoAUe0LJOzDLvd+tTvzsx841AB3ROxwwDwYDVR0TAQH/' +
      'BAUwAwEB/zAKBggqhkjOPQQDAQNIADBFAiEAlUfk1d8dpYoJFMgm8R6idbZV+F4HATYd5yStceAmtysCIHN3QF3FI7Zc7yUGQDF1' +
      'SwplV1yQgNcgL+7xGnSasweY',
  ],
  [
    'ECDSA with SHA-1',
    'sha256',
    'MIIBgDCCASagAwIBAgIUdeIDc7tmlxAnZGyWMYKeg+Ug1N0wCQYHKoZIzj0EATAVMRMwEQYDVQQDDAplY2RzYS1zaGExMCAXDTI2' +
      'MTEyMjIzMDcxM1oYDzIxMjYxMDI5MjMwNzEzWjAVMRMwEQYDVQQDDAplY2RzYS1zaGExMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD' +
      'QgAEpW1stDvQj8g3TyfzY+YZ11Vjk8CjleKF0D1dhV0i8z8jUV4iZp0iYfD4E/Z5d4r1OGA2WO0Ex6B2UK6adppYbaNTMFEwHQYD' +
      'VR0OBBYEFHdPdn/ybHjPCj9jJIX8c49kDmYZMB8GA1UdIwQYMBaAFHdPdn/ybHjPCj9jJIX8c49kDmYZMA8GA1UdEwEB/wQFMAMB' +
      'Af8wCQYHKoZIzj0EAQNJADBGAiEAtExl/UDZ6CCHD0HE0l8eY+QsQ6TtveuIrg1uKsSvRGkCIQD/f2Ye2+kbwgvWtulo14XlHeYR' +
      'jIv0ZYNqYqqbt8ZHpg==',
  ],
  [
    'RSA with SHA-512',
    'sha512',
    'MIICCDCCAXGgAwIBAgIUL9Hc4ESW51yBTTzzeOjWSlA16q0wDQYJKoZIhvcNAQENBQAwFTETMBEGA1UEAwwKcnNhLXNoYTUxMjAg' +
      'Fw0yNjExMjIyMzA3MTNaGA8yMTI2MTAyOTIzMDcxM1owFTETMBEGA1UEAwwKcnNhLXNoYTUxMjCBnzANBgkqhkiG9w0BAQEFAAOB' +
      'jQAwgYkCgYEAr/gpEKqDsl8GEAisM2O6V8/Lkq5Z+GdWUl+buTpzm/HgSoARjsSl5kUzQ3nCpJq9v2Wj6E0gt/9MghmS6gMlJgVZ' +
      'ewnrdPrBI5IktGpCzZfjvW9ViL5GkPNI/5lzDmg4UX7RBMv7jZShmj1lpmUt9X7n0vN3rsRMnEV1U0yLSaUCAwEAAaNTMFEwHQYD' +
      'VR0OBBYEFNLzCs6ShOy6R8sSTuxKPv2YRrZdMB8GA1UdIwQYMBaAFNLzCs6ShOy6R8sSTuxKPv2YRrZdMA8GA1UdEwEB/wQFMAMB' +
      'Af8wDQYJKoZIhvcNAQENBQADgYEAHYxG9wffeB9KcUvqu8iXPp4kXtidVxMyxD+6NbHBzO5CHLErA7KjYAMnx1O+SbuzG4XgNfxS' +
      'V2TH5gLjejaYE921nzHtqaasg1Og6V/R6f8RBCBESpIGQJ9AAqB1MB2oGV+fL+StN8EWFE8VpIiH5EP4SN5llkzhFkqcTG9PiP4=',
  ],
  [
    'RSASSA-PSS with SHA-384',
    'sha384',
    'MIICeDCCAa2gAwIBAgIUTAW0/buabXYRNxPy9ilGVgYQpPkwQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgIFAKEcMBoGCSqG' +
      'SIb3DQEBCDANBglghkgBZQMEAgIFAKIDAgEgMBkxFzAVBgNVBAMMDnJzYS1wc3Mtc2hhNTEyMCAXDTI2MTEyMjIzMDcxM1oYDzIx' +
      'MjYxMDI5MjMwNzEzWjAZMRcwFQYDVQQDDA5yc2EtcHNzLXNoYTUxMjCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEArzcj/qlW' +
      'J4ju1lJtjsnPy0aYoBzqtlMe+srDndfHUSiDDn8OSpm+y6h7v8JquPgnCLLk2zNePRLKSbAlCqWSUctxsjlTunr7p5gX8mnJOm8L' +
      'vRbfItV9yFbWgscHFMlgQQC4pJ7Iij34CbxK7pXMefMw+pYhUqrnTh/rYW6IGuUCAwEAAaNTMFEwHQYDVR0OBBYEFE4Oz9WzdZh3' +
      'RlpxMRD1jDrRt9mDMB8GA1UdIwQYMBaAFE4Oz9WzdZh3RlpxMRD1jDrRt9mDMA8GA1UdEwEB/wQFMAMBAf8wQQYJKoZIhvcNAQEK' +
      'MDSgDzANBglghkgBZQMEAgIFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgIFAKIDAgEgA4GBAHMPqkq0ukbDkfJdFNhxl4If' +
      'RreNhYhL1Mz6fjPlj76CwBzgxjYozLrSYqSyRWj4s42lhCxEGFmE6gxXe3dol0+EcnXtfxO/2i8/DyxvVEBN7LC/XTkSxsxsUaBf' +
      'saqppkO8SnESmlHNvcHYiW2xuXapbf4vfCHmZRW8/xTvNVHB',
  ],
  [
    'RSASSA-PSS with its default, SHA-1',
    'sha256',
    'MIICFjCCAXqgAwIBAgIUAki654yCf7ktkw3TtAKfOMH2yEgwEgYJKoZIhvcNAQEKMAWiAwIBajAXMRUwEwYDVQQDDAxyc2EtcHNz' +
      'LXNoYTEwIBcNMjYxMTIyMjMwNzE0WhgPMjEyNjEwMjkyMzA3MTRaMBcxFTATBgNVBAMMDHJzYS1wc3Mtc2hhMTCBnzANBgkqhkiG' +
      '9w0BAQEFAAOBjQAwgYkCgYEAwLEXgbV9lj/AK6upXFojOyFAQaQ42QRmAAVjYGdZLfs1dUpPIsBvtadTDQ7/+lUjo8bKLxxmXsxx' +
      'yA0veJ0d7ptkLmLcFDjDRbEm2MGTPYE3UWzUi5PrVYEI7Nlk52dRKhnBERUxaZnZMOXc5uVTe+b4TpCUnwDuk0+qQwT/jpECAwEA' +
      'AaNTMFEwHQYDVR0OBBYEFKci+A1u5LcHgeJUjbS+91HxEKIbMB8GA1UdIwQYMBaAFKci+A1u5LcHgeJUjbS+91HxEKIbMA8GA1Ud' +
      'EwEB/wQFMAMBAf8wEgYJKoZIhvcNAQEKMAWiAwIBagOBgQCHca368foPRUU39d1R3U50VxetAH3571uWcTBGfIcjRhuLsKuiW9FB' +
      'isNhoN9ESD13UNkcKwYOpx3eOU3fRPKFbbF3DPOzURTsYfsVEUO00DzA5lheX4snp3zDKLdy9wqZcAknDJ5g1pIeYXJ8z2tWM6St' +
      'HqbuJCCV0ecTOTGqiA==',
  ],
  [
    'Ed25519',
    undefined,
    'MIIBOjCB7aADAgECAhQqTDxvvKcCznjTgdt8HTQuLBXp8TAFBgMrZXAwEjEQMA4GA1UEAwwHZWQyNTUxOTAgFw0yNjExMjIyMzA3' +
      'MTNaGA8yMTI2MTAyOTIzMDcxM1owEjEQMA4GA1UEAwwHZWQyNTUxOTAqMAUGAytlcAMhAB/4ZCJyhVd1KOjLTnPGHOMXuNo+f8hO' +
      'XgfsXCntwMYqo1MwUTAdBgNVHQ4EFgQU2oAqT/4YSJGY4WEwIw7snFZddKEwHwYDVR0jBBgwFoAU2oAqT/4YSJGY4WEwIw7snFZd' +
      'dKEwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQDYFEVOpaE2a2JajjkB1w+5m+rfEXsQE1AsW7EBzu6VQLIWPXI1YQpBx+zZ+m3f' +
      'SAYUeCR1YTYiG3jubdKOFjwD',
  ],
]

test.each(certificates)('a certificate signed by %s is hashed by %s', (_, hash, base64) => {
  const der = Buffer.from(base64, 'base64')
  expect(certificateHash(der)).toEqual(hash === undefined ? undefined : createHash(hash).update(der).digest())
})

test('what is no certificate has no hash', () => {
  const [, , base64 = ''] = certificates[0] ?? []
  const der = Buffer.from(base64, 'base64')
  for (let length = 0; length < der.length; length += 1)
    expect(certificateHash(der.subarray(0, length))).toBeUndefined()
})
