// Follows a sign-up (token in argv[4]) at argv[2] and the inbox at argv[3] with the npm client graphql-sse.
import { createClient } from "graphql-sse";
import { follow } from "./follow.mjs";

const [, , member, control, token] = process.argv;
const connect = (url) => createClient({ url, retryAttempts: 0 });
await follow(connect(member), connect(control), token);
