#include "tools/synth/synth_text.h"

namespace tare {

const std::string_view kSynthText =
    R"(The weigh house stood where the river meets the harbour, and everything that came into the town
came past its door. There was a beam of oak under the roof, as long as two men, and from each end of
it hung a plate of copper. On one plate they put the goods, on the other the weights, and when the
beam was level the master wrote a number into his book. Nobody argued with the number. People argued
about prices, about the weather and about whose cart had been first, but not about what the beam had
said.

The master's daughter was called Ilse. She was eleven years old when she asked the question that
made her known. A merchant had brought forty barrels of honey, and her father had weighed them one
by one, barrel and honey together, and written down the sum. "But what does the honey weigh?" she
asked. "You have weighed the wood as well." Her father said that barrels were all alike, and that
everybody knew it. "Then it will be easy to show," she said, and she had an empty barrel rolled onto
the plate. It weighed nine pounds. The next one weighed eleven, and the third, which had stood in
the rain, weighed fourteen.

So it came that the weigh house learned a new word. The weight of what carries the goods, and is
not the goods, was called the tare. It was written in a column of its own: first the whole, then
the tare, then what was left when one was taken from the other. The merchants did not like it in the
first year. In the second year they began to make lighter barrels, because now a heavy barrel was
money that they could see. In the third year a cooper from the hills brought barrels so thin and so
well made that they weighed only five pounds, and he became a rich man, and built a house with
seven windows.

Ilse grew up and kept the book. She found that most of what can be known about a thing is known
when you have weighed it twice: once full and once empty. She weighed carts before and after they
had been unloaded. She weighed a wet coat and a dry one, and told the tailor how much water he was
carrying home every evening. She weighed the ferry, which was not simple: she painted marks on its
side, let it sink under sacks of sand whose weight she knew, and wrote beside every mark how deep it
lay. After that anybody could read the weight of the ferry's load from the shore, without a beam
and without asking.

"Why do you do it again?" a boy asked her once, when she had put the same sack on the plate three
times. "Because the wind moves the beam," she said. "If I do it once, I have a number. If I do it
three times, I know how much I may trust it." She wrote all three numbers down, the small one, the
middle one and the large one, and did not cross out any of them. When somebody brought a new beam
from the city, which was said to be better, she would not believe it before she had hung both beams
beside each other and put the same goods on them, first here, then there, then here again, in the
same hour and under the same roof.

There is a story that they tell of her last summer. A ship had come in, larger than any before, and
its captain wanted to carry grain to the islands. He asked how much he could load. She looked at his
ship for a long time. Then she asked him to take everything out of it that he did not need for the
journey: the second anchor, the carved chairs, the forty lanterns, the spare sails that were older
than he was. He laughed, but he did it, for she was old and everyone was watching. When the deck was
empty the ship had risen by two hands. "That is your answer," she said. "You can carry all the grain
that lies on the quay, and you could not have carried half of it this morning. The sea does not care
what you call cargo."

They still weigh things there. The beam is made of steel now, and the numbers appear by themselves
in green light: 12.5, 98.3, 1046.0. But over the door, in letters that have been painted so often
that they have grown round, it says what she used to say to children who asked her what the secret
was. It says: Weigh it full, weigh it empty, and think about the difference.
)";

}  // namespace tare
