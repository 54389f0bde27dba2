// Whose login has ended while this page holds no link that would notice: its own address leads to the login. A page in the
// frame of a wall screen that turns takes the whole screen there: a login may refuse to stand in a frame.
const leaveIfEnded = () => fetch(location.href, { headers: { Accept: "application/json" }, redirect: "manual" })
  .then(({ status }) => { if (status === 401) document.documentElement.hidden = true, top.location.reload(); }, () => {});
