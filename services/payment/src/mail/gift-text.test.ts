import { giftText } from './gift-text.ts';

const mail = {
  id: 'code-1',
  to: 'alice+x@example.com',
  winc: '1500000000000',
  message: null,
  expiresAt: '2030-05-06T07:08:09.000Z',
};

describe("a gift's e-mail", () => {
  it('says how much it is, how to redeem it and until when', () => {
    const { subject, text } = giftText(mail, 'https://app.example/redeem?lang=en');
    expect(subject).toBe('A gift of 1.5 storage credits');
    expect(text).toContain('https://app.example/redeem?lang=en&id=code-1&email=alice%2Bx%40example.com');
    expect(text).toContain('Code: code-1\nUntil: 2030-05-06\n');
    expect(text).not.toContain('They say');
  });

  it('tells the code alone where there is no page, and what the giver says', () => {
    const { text } = giftText({ ...mail, winc: '2000000000000', message: 'Enjoy' }, '');
    expect(text).toContain('given you 2 storage credits');
    expect(text).toContain('They say:\n\nEnjoy\n');
    expect(text).not.toContain('http');
  });
});
