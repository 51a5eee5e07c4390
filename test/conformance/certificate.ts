/** Tests make their certificates as the command does that reproduces what ends connections. */
export { createCertificate } from "../../src/cli/reproduce/certificate.ts";
