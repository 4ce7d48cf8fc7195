/** The page that asks for a key. Without a script, so that none is needed to log in. */
export const loginPage = (problem = ''): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Queues: log in</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 24rem; margin: 15vh auto; padding: 0 1rem }
input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; margin-top: .5rem }
p { color: #b00020 }
</style>
<h1>Queues</h1>
<form method="post" action="login">
<label>Admin key <input type="password" name="key" autocomplete="current-password" autofocus required></label>
<button>Log in</button>
</form>
${problem === '' ? '' : `<p role="alert">${problem}</p>\n`}</html>
`;
