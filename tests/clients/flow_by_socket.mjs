// Follows a sign-up (token in argv[4]) at argv[2] and the inbox at argv[3] with the npm client graphql-ws.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { follow } from "./follow.mjs";

const [, , member, control, token] = process.argv;
const connect = (url) => createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
await follow(connect(member), connect(control), token);
