import { changesTool } from "./changes.ts";
import { eventsTool } from "./events.ts";
import { metricsTool } from "./metrics.ts";
import { similarTool } from "./similar.ts";
import type { Observation, Tool, ToolEnv, ToolName, ToolScope } from "./tool.ts";
import { topologyTool } from "./topology.ts";

export {
  type Observation,
  type Signal,
  type SignalKind,
  type ToolEnv,
  type ToolName,
  type ToolScope,
} from "./tool.ts";

/** A tool call ready to run: its arguments are checked. */
export interface ToolCall {
  tool: ToolName;
  run(env: ToolEnv, scope: ToolScope): Promise<Observation>;
}

export type Prepared = { kind: "ready"; call: ToolCall } | { kind: "refused"; message: string };

export const TOOLS: readonly Pick<Tool, "name" | "description" | "parameters">[] = [
  metricsTool,
  topologyTool,
  eventsTool,
  changesTool,
  similarTool,
];

/** Checks what a model or a stored evidence row asks for. Unknown tools and arguments are refused with the reason. */
export function prepareCall(name: string, input: unknown): Prepared {
  switch (name) {
    case "metrics":
      return prepare(metricsTool, input);
    case "topology":
      return prepare(topologyTool, input);
    case "events":
      return prepare(eventsTool, input);
    case "changes":
      return prepare(changesTool, input);
    case "similar":
      return prepare(similarTool, input);
    // A name from outside: a model may invent any.
    default:
      return {
        kind: "refused",
        message: `there is no tool ${name.slice(0, 60)}; there are ${TOOLS.map((t) => t.name).join(", ")}`,
      };
  }
}

function prepare<Schema extends Tool["parameters"]>(tool: Tool<Schema>, input: unknown): Prepared {
  const parsed = tool.parameters.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { kind: "refused", message: `${tool.name}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is wrong"}` };
  }
  return { kind: "ready", call: { tool: tool.name, run: (env, scope) => tool.run(env, scope, parsed.data) } };
}
