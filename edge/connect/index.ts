export { forwardConnect } from "./routes.ts";
