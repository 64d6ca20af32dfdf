/** What codecs of plain data are made of, for packages that write data of their own. */
export { type Field, type OptionalField, optional } from './field.js'
export { list } from './list.js'
export { count, flag, instant, type JsonCodec, onlyTrue, text, word } from './plain.js'
export { type Fields, record } from './record.js'
export { type Members, tagged } from './tagged.js'
