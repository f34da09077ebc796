// Prints, as one JSON object, every state of a sign-up until it is over and the first two messages of the inbox.
const FLOW = "subscription ($token: String!) { registrationChanged(token: $token) { state } }";
const NEWS = "subscription ($after: String) { message(filter: { after: $after }) { kind } }";

export async function follow(member, control, token) {
  const states = async () => {
    const seen = [];
    for await (const { data } of member.iterate({ query: FLOW, variables: { token } })) {
      seen.push(data.registrationChanged.state);
    }
    return seen;
  };
  const kinds = async () => {
    const seen = [];
    for await (const { data } of control.iterate({ query: NEWS, variables: { after: "c0" } })) {
      seen.push(data.message.kind);
      if (seen.length === 2) return seen;
    }
  };
  const [seenStates, seenKinds] = await Promise.all([states(), kinds()]);
  await Promise.all([member.dispose(), control.dispose()]);
  console.log(JSON.stringify({ states: seenStates, kinds: seenKinds }));
}
