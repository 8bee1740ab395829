export { type ArgvValues, placeholdersOf, type Rendered, renderArgv } from "./argv.ts";
export { ORDER_LIFETIME_MS_MAX, ORDER_SIGNING_CONTEXT, orderSigningInput } from "./order.ts";
export {
  type CompiledParameters,
  compileParameterSchema,
  PARAMETERS_BYTES_MAX,
  type Parameters,
  SCHEMA_BYTES_MAX,
} from "./parameters.ts";
