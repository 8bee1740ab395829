import { afterAll } from "bun:test";
import { stopSharedServers } from "./shared.ts";

afterAll(stopSharedServers);
