/** XML elements. The only file of smacks that imports ltx. */
import { Element } from 'ltx/src/Element.js'
import escape from 'ltx/src/escape.js'
export { Element }
export const { escapeXML, escapeXMLText } = escape as any
