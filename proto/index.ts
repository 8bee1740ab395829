/** The contract between hub, collectors and programs. Messages are protobuf-es, transport is grpc-js. */
export * from "./gen/watchpost/v1/discovery_pb.js";
export * from "./gen/watchpost/v1/enrollment_pb.js";
export * from "./gen/watchpost/v1/event_pb.js";
export * from "./gen/watchpost/v1/insight_pb.js";
export * from "./gen/watchpost/v1/inventory_pb.js";
export * from "./gen/watchpost/v1/link_pb.js";
export * from "./gen/watchpost/v1/script_pb.js";
export { grpcService } from "./service.ts";
