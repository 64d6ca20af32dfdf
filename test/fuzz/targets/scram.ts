import { isLeft } from 'fp-ts/lib/Either.js'
import { decodeText, parseClientFinal, parseClientFirst } from '../../../packages/sasl/src/scram-message.js'
import { holds, type Target } from '../target.js'

export const scram: Target = {
  name: 'scram',
  promise: 'a message of SCRAM that is taken is made of what it is said to hold, and nothing is passed over',
  words: [
    'n,,',
    'y,,',
    'p=tls-exporter,,',
    'n,a=x,',
    'n=',
    'r=',
    'c=biws',
    'p=',
    ',',
    '=2C',
    '=3D',
    'm=x',
    'x=y',
    'AAAA',
    'AA==',
    '\0',
    '\u{1f600}',
    'e=',
  ],
  run: input => {
    const text = decodeText(input)
    if (isLeft(text)) return text.left
    return `${first(text.right)}; ${final(text.right)}`
  },
}

const first = (message: string): string => {
  const parsed = parseClientFirst(message)
  if (isLeft(parsed)) return parsed.left
  const { gs2Header, bare, username, authzid, nonce, binding } = parsed.right
  holds(gs2Header + bare === message, 'something was passed over', message)
  holds(
    bare === `n=${escaped(username)},r=${nonce}` || bare.startsWith(`n=${escaped(username)},r=${nonce},`),
    'of another',
    bare,
  )
  holds(authzid === undefined || gs2Header.endsWith(`,a=${escaped(authzid)},`), 'as another', gs2Header)
  holds(username !== '' && nonce !== '', 'an empty part', message)
  return binding._tag
}

const final = (message: string): string => {
  const parsed = parseClientFinal(message)
  if (isLeft(parsed)) return parsed.left
  const { channelBinding, nonce, proof, withoutProof } = parsed.right
  holds(`${withoutProof},p=${proof.toString('base64')}` === message, 'something was passed over', message)
  holds(withoutProof.startsWith(`c=${channelBinding.toString('base64')},r=${nonce}`), 'of another', withoutProof)
  return 'final'
}

const escaped = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C')
