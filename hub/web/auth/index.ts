export { isPublic, requireIdentity, requireRole } from "./access.ts";
export { authenticate } from "./authenticate.ts";
export { requireSameOrigin } from "./same-origin.ts";
export { signInRoutes } from "./sign-in.tsx";
