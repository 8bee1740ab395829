export { type Gateway, type GatewayOptions, startGateway, WRITE_PATH } from "./server.ts";
