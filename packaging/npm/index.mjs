import virga from "./index.js";

export const { start, findProgram, Server, Account, Fault, VirgaError } = virga;
