/** Its half that answers over HTTP: what it costs where the queue's replies leave by an output binding or not at all. */
import { answerHttp } from '../straightforward/http.ts';
import { vend } from '../straightforward/vend.ts';

answerHttp(vend);
