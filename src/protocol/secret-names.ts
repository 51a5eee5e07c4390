const secretName = /auth|token|key|secret|password|passwd|signature|jwt|bearer|cookie|credential/i;

/** Whether what has this name lets somebody in: a parameter, a header, a member of a message. */
export const namesSecret = (name: string): boolean => secretName.test(name);
