/** The one module of ltx that is used. Its published types describe another export, so they are stated here. */
declare module 'ltx/src/Element.js' {
  const Element: import('./element.js').ElementConstructor
  export default Element
}
