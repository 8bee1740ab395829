/** Imports with `{ type: "file" }` give a path (inside the compiled binary too), with `{ type: "text" }` the text. */
declare module "*.css" {
  const path: string;
  export default path;
}
declare module "*.woff2" {
  const path: string;
  export default path;
}
declare module "*.svg" {
  const text: string;
  export default text;
}
declare module "htmx.org/dist/htmx.min.js" {
  const path: string;
  export default path;
}
declare module "htmx.org/dist/ext/hx-sse.min.js" {
  const path: string;
  export default path;
}
declare module "@alpinejs/csp/dist/cdn.min.js" {
  const path: string;
  export default path;
}
