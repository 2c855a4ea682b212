// <div data-openapi="/openapi.json">: the documentation of the API, tried out in place.
import "swagger-ui-dist/swagger-ui.css";
import "./docs.css";

const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-openapi]"));
if (place) {
  const { default: SwaggerUI } = await import("swagger-ui-dist/swagger-ui-es-bundle.js");
  SwaggerUI({
    url: place.dataset.openapi,
    domNode: place,
    // Its validator is a service elsewhere.
    validatorUrl: null,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: -1,
  });
}
