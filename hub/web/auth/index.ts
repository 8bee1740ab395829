export { requireIdentity, requireOperatorToChange, requireRole } from "./access.ts";
export { authenticate, findCaller } from "./authenticate.ts";
export { requireSameOrigin } from "./same-origin.ts";
export { signInRoutes } from "./sign-in.tsx";
