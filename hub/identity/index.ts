export {
  type Authority,
  type CertificateAuthority,
  type CollectorName,
  HUB_SERVER_NAME,
  openKeys,
  type PeerName,
  peerNameOf,
  type ServerIdentity,
  type SigningKey,
  spiffeId,
} from "./authority/index.ts";
export {
  type AuthenticatedCollector,
  authenticateCollector,
  type CollectorActor,
} from "./enrollment/authenticate-collector.ts";
export { createEnrollmentToken, type CreateEnrollmentToken, type EnrollmentToken } from "./enrollment/create-token.ts";
export { type Enroll, type Enrolled, enrollCollector } from "./enrollment/enroll.ts";
export { renewCertificate } from "./enrollment/renew.ts";
export { revokeCollector } from "./enrollment/revoke.ts";
export { may, type Permission, requirePermission } from "./permission.ts";
export {
  endSession,
  findSession,
  type OpenedSession,
  openSession,
  type PersonActor,
  SESSION_LIFETIME_MS,
} from "./person/session.ts";
export { createSignInLink, type SignInLink } from "./person/sign-in-link.ts";
export {
  createUser,
  type CreateUser,
  ensureFirstAdmin,
  FIRST_ADMIN_EMAIL,
  listUsers,
  type User,
} from "./person/user.ts";
export {
  type ApiToken,
  createApiToken,
  type CreateApiToken,
  findApiToken,
  revokeApiToken,
  revokeApiTokens,
  type TokenActor,
} from "./program/api-token.ts";
export { ensureSite, requireSiteName } from "./site.ts";
