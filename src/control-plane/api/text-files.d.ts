/** Files that are bundled as text. */
declare module '*.sh' {
  const text: string;
  export default text;
}
declare module 'rapidoc/dist/rapidoc-min.js' {
  const text: string;
  export default text;
}
