/** Shows the document in Redoc, with the fonts that the reader's system has. */
window.Redoc.init(
  new URL("openapi.json", document.baseURI).href,
  {
    jsonSamplesExpandLevel: "all",
    requiredPropsFirst: true,
    theme: {
      typography: {
        fontFamily: "system-ui, sans-serif",
        headings: { fontFamily: "system-ui, sans-serif" },
        code: { fontFamily: "ui-monospace, monospace" },
      },
    },
  },
  document.querySelector("#docs"),
);
