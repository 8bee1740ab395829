import { afterAll } from "bun:test";
import { stopSharedServers } from "./databases.ts";

afterAll(stopSharedServers);
