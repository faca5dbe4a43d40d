const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
  json: "application/json",
  md: "text/markdown; charset=utf-8",
};

export function contentType(name: string): string {
  return types[name.slice(name.lastIndexOf(".") + 1)] ??
    "application/octet-stream";
}
