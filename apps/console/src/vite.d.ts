/** What Vite makes of an import that asks for a worker inside the page. */
declare module '*?worker&inline' {
  const Inlined: new () => Worker
  export default Inlined
}

/** Files without waiting; in workers alone. */
declare class FileReaderSync {
  readAsArrayBuffer(file: Blob): ArrayBuffer
}
