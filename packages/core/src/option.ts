/**
 * The three words of fp-ts's `Option` that the core says. Types and values are those of fp-ts. Its module is not
 * imported for them: it is CommonJS, which no bundler can take apart, and would more than double the core's size.
 */
import type { Option, Some } from '#fp-ts/Option'

export const none: Option<never> = { _tag: 'None' }

export const some = <A>(value: A): Option<A> => ({ _tag: 'Some', value })

export const isSome = <A>(option: Option<A>): option is Some<A> => option._tag === 'Some'
