/** The X.509 library, which must find its polyfill in place whoever imports it first. */
import "reflect-metadata";

export * from "@peculiar/x509";
