/** Shows the document in Swagger UI. The key that the reader gives stays in this browser, for this server. */
window.SwaggerUIBundle({
  dom_id: "#docs",
  url: new URL("openapi.json", document.baseURI).href,
  deepLinking: true,
  persistAuthorization: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  validatorUrl: null,
});
