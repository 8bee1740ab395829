export { type Gateway, startGateway, WRITE_PATH } from "./server.ts";
