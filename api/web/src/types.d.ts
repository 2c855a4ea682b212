declare module "*.css";
declare module "cytoscape-fcose" {
  const extension: import("cytoscape").Ext;
  export default extension;
}
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  export default function SwaggerUI(options: object): void;
}
