/** Whose an address is: ours to deliver to, or another server's. */
import { domainpartOf } from '@smacks/codec'

/** True if the domain of this JID, which is normalised, is served here. */
export const isServed = ({ domains }: { readonly domains: Pick<ReadonlySet<string>, 'has'> }, jid: string): boolean =>
  domains.has(domainpartOf(jid))
