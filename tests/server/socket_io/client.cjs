// A front end's socket.io-client: says each thing that happens to it as one line of JSON, and resumes where it was.
const { io } = require("socket.io-client");

const [url, options] = [process.argv[2], JSON.parse(process.argv[3])];
const say = (...line) => console.log(JSON.stringify(line));
const position = {};
const socket = io(url, {
  reconnectionDelay: 50,
  reconnectionDelayMax: 100,
  ...options,
  auth: (send) => send({ ...options.auth, ...position }),
});
socket.on("subscribed", ({ epoch, recovered, top }) => recovered || Object.assign(position, { epoch, seq: top }));
socket.onAny((name, event) => {
  if (event.seq) Object.assign(position, { epoch: event.epoch, seq: event.seq });
  say(name, event);
});
socket.on("connect", () => say("connect", { transport: socket.io.engine.transport.name }));
socket.on("connect_error", ({ message, data }) => say("connect_error", { message, data }));
socket.on("disconnect", (reason) => say("disconnect", { reason }));
socket.io.on("open", () => socket.io.engine.on("upgrade", ({ name }) => say("upgrade", { transport: name })));
process.stdin.on("data", (line) => {
  const { emit, reconnect } = JSON.parse(line);
  if (emit) socket.emit(...emit, (answer) => say("acknowledged", answer));
  if (reconnect) socket.connect();
});
process.stdin.on("end", () => process.exit());
