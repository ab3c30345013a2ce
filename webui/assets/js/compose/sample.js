// A message that has something of everything: HTML for wide and narrow, for
// light and dark, a code, links, an attachment.

const code = () => String(100000 + (crypto.getRandomValues(new Uint32Array(1))[0] % 900000));

/** @returns {{subject: string, text: string, html: string, files: File[]}} */
export function sample() {
  const number = code();
  const link = `https://app.example.test/verify?token=${number}`;
  const note = "Lunar Coffee, 1 Harbour Street\n\n2 x Espresso   5.00\n1 x Cake       4.50\nTotal          9.50\n";
  return {
    subject: `Your code is ${number}`,
    text: `Welcome to Lunar Coffee.\n\nYour verification code is ${number}.\nOr open this link: ${link}\n\nYour receipt is attached.\n`,
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<style>
  body { margin: 0; background: #f3efe6; color: #2a251d; font: 16px/1.55 system-ui, sans-serif; }
  .card { max-width: 560px; margin: 32px auto; padding: 40px 48px; background: #fffdf8; border-radius: 14px; }
  h1 { margin: 0 0 8px; font: 600 28px/1.2 Georgia, serif; }
  .code { margin: 28px 0; padding: 18px; background: #f3e3dc; border-radius: 10px; color: #7f2d20; font: 600 34px/1 ui-monospace, monospace; letter-spacing: 6px; text-align: center; }
  .button { display: inline-block; padding: 13px 26px; background: #9b3a2a; border-radius: 8px; color: #fff; font-weight: 600; text-decoration: none; }
  .small { margin: 28px 0 0; color: #6b6252; font-size: 13px; }
  @media (max-width: 480px) {
    .card { margin: 0; padding: 28px 22px; border-radius: 0; }
    .button { display: block; text-align: center; }
  }
  @media (prefers-color-scheme: dark) {
    body { background: #161513; color: #ece8df; }
    .card { background: #22201c; }
    .code { background: #43271f; color: #f6b3a2; }
    .button { background: #ef9b86; color: #2a120c; }
    .small { color: #aca596; }
  }
</style>
</head>
<body>
  <div class="card">
    <h1>Welcome to Lunar Coffee</h1>
    <p>One more step, and your account is ready. Your verification code is</p>
    <p class="code">${number}</p>
    <p><a class="button" href="${link}">Verify my address</a></p>
    <p class="small">Your first receipt is attached. If this was not you, <a href="https://app.example.test/help" style="color:inherit">tell us</a>.</p>
  </div>
</body>
</html>
`,
    files: [new File([note], "receipt.txt", { type: "text/plain" })],
  };
}
