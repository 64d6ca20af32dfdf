/**
 * The file itself, since Node has a deprecated module of its own by the name of the package. Of its types just what is
 * used.
 */
declare module 'punycode/punycode.js' {
  const punycode: {
    /** Throws at what is no Punycode. */
    readonly decode: (text: string) => string
  }
  export default punycode
}
