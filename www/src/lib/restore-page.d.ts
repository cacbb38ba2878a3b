/** The address of the package's restore.html, as Vite emits it. */
declare module 'strongroom/restore.html?url' {
  const url: string;
  export default url;
}
