/**
 * Rules that ejabberd 23.01 is spared, by sentence: it breaks them, or its many processes make the order of
 * answers a matter of chance, which the fences of these rules take for granted.
 */
export const ejabberdIsSpared: Readonly<Record<string, string>> = {
  'the messages of the last session go to offline storage and come at the next login, in order, with their time':
    'a ping is answered before what other processes of it have on the way',
  'a stored message carries one <delay/>, not two':
    'a ping is answered before what other processes of it have on the way',
  'a stanza that carries a <delay/> gets no second one': 'adds its own',
  "another user's SM-ID looks exactly like an unknown one, and its session is untouched": 'tells the two apart',
  'a <resume/> without h fails, the client may bind, and the old session can still be resumed':
    'fits this rule now and then, or better than noted',
  "a <resume/> with h='-1' fails, the client may bind, and the old session can still be resumed":
    'fits this rule now and then, or better than noted',
  "a <resume/> with h='many' fails, the client may bind, and the old session can still be resumed":
    'fits this rule now and then, or better than noted',
  'a <resume/> on a managed stream fails, and both sessions are untouched': 'ends the stream',
  'a <resume/> in an unknown namespace touches no session': 'waits in silence',
  'a contact that comes online meanwhile sees the hibernating user available':
    'a ping is answered before what other processes of it have on the way',
  'resources of one user see each other': 'a ping is answered before what other processes of it have on the way',
  'a cancelled subscription hides the presence': 'a ping is answered before what other processes of it have on the way',
  'an unsubscription ends it from the other side':
    'a ping is answered before what other processes of it have on the way',
  'removing an item ends the subscriptions of both sides':
    'a ping is answered before what other processes of it have on the way',
  'a second request of one who is subscribed is answered without asking':
    'a ping is answered before what other processes of it have on the way',
  'contacts that are online are seen at the initial presence, those that are offline are not':
    'a ping is answered before what other processes of it have on the way',
  'a change of presence goes to contacts, whole':
    'a ping is answered before what other processes of it have on the way',
  'unavailable presence goes to contacts, with its status':
    'a ping is answered before what other processes of it have on the way',
  'a stanza before bind is not routed': 'answers nothing',
  "resume='yes' is not true, so no resumption is granted": 'answers nothing to a resume that is no boolean',
  "resume='TRUE' is not true, so no resumption is granted": 'answers nothing to a resume that is no boolean',
  "resume='' is not true, so no resumption is granted": 'answers nothing to a resume that is no boolean',
  'an SM-ID has room for 128 bits, is at most 4000 bytes long, and differs from session to session':
    'the base64 text of 64 bits is long enough',
  'an <enable/> before bind fails with unexpected-request, and the client may bind': 'says not-authorized',
  'an <enable/> before authentication fails, and the client may authenticate':
    'fits this rule now and then, or better than noted',
  'a second <enable/> fails with unexpected-request and resets nothing':
    'fits this rule now and then, or better than noted',
  'two resources of one user are two sessions': 'a ping is answered before what other processes of it have on the way',
  'a message of type chat to a full JID reaches that resource alone':
    'a ping is answered before what other processes of it have on the way',
  'a message of type normal to a full JID reaches that resource alone':
    'a ping is answered before what other processes of it have on the way',
  'a message of type headline to a full JID reaches that resource alone':
    'a ping is answered before what other processes of it have on the way',
  'a message of type error to a full JID reaches that resource alone':
    'a ping is answered before what other processes of it have on the way',
  'who enabled carbons gets copies of what the other resource receives and sends':
    'a ping is answered before what other processes of it have on the way',
  'a mechanism that is not offered fails with invalid-mechanism': 'fits this rule now and then, or better than noted',
  'an authorization identity of another user fails': 'ignores the authorization identity',
  'a client that saw no -PLUS although it was offered is refused: somebody cut it out':
    'does not check for a downgrade',
  'a push comes to all resources that asked for the roster, and to no other': 'pushes to all resources',
  'a set without any item is refused with bad-request': 'answers a result',
  'the queue of a session that ended over a wrong h is not lost':
    'a ping is answered before what other processes of it have on the way',
  "an <a/> with h='4294967296' ends the stream with an error": 'fits this rule now and then, or better than noted',
  "an <a/> with h='99999999999999999999' ends the stream with an error":
    'fits this rule now and then, or better than noted',
  'an h below the one before loses nothing': 'does not close',
  'what was not acked at a clean close is delivered at the next login':
    'a ping is answered before what other processes of it have on the way',
  'what was sent on the former line right before the hand-over arrives once, as <resumed h/> says':
    'goes on reading the former line after it told h',
}
