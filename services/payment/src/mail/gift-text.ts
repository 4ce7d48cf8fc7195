import type { GiftMail } from './mailer.ts';

const WINC_PER_CREDIT = 10n ** 12n;
const DIGITS = 6;

/** Subject and text of a gift's e-mail. @param page where gifts are redeemed; empty for none */
export function giftText(mail: GiftMail, page: string): { readonly subject: string; readonly text: string } {
  const credits = creditsOf(BigInt(mail.winc));
  const lines = [
    `Somebody has given you ${credits} storage credits.`,
    ...(mail.message === null || mail.message === '' ? [] : ['', 'They say:', '', mail.message]),
    '',
    page === '' ? 'Redeem them with this code and your e-mail address:' : `Redeem them at ${linkOf(mail, page)}`,
    '',
    `Code: ${mail.id}`,
    `Until: ${mail.expiresAt.slice(0, 10)}`,
  ];
  return { subject: `A gift of ${credits} storage credits`, text: `${lines.join('\n')}\n` };
}

function linkOf({ id, to }: GiftMail, page: string): string {
  const url = new URL(page);
  url.searchParams.set('id', id);
  url.searchParams.set('email', to);
  return url.href;
}

function creditsOf(winc: bigint): string {
  const fraction = String(winc % WINC_PER_CREDIT)
    .padStart(12, '0')
    .slice(0, DIGITS)
    .replace(/0+$/, '');
  return `${winc / WINC_PER_CREDIT}${fraction === '' ? '' : `.${fraction}`}`;
}
