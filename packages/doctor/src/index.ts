/** Whether a server can do its work where it is. */
export { type CertificateCheckOptions, checkCertificate } from './certificate-check.js'
export { checkDns, type DnsCheckOptions, type ServiceLookup } from './dns-check.js'
export { type Finding, findingsAbout } from './finding.js'
export { checkPorts, type PortCheckOptions } from './port-check.js'
