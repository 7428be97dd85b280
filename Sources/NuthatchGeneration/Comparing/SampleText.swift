/// A text to measure on where a user has none at hand: prose, a dialogue, facts, code and Chinese, so that a cache meets more
/// than one kind of token.
public enum SampleText {
    /// The text, some 900 tokens of a small vocabulary.
    public static let text = """
        In October the nuthatch begins to store. All day it flies between the old beech and the bark of the oaks behind the \
        mill, a seed in its bill each time, and presses each into a crack of its own. It covers the place with a scrap of \
        lichen, looks at it once with the left eye and once with the right, and is gone. By the first frost it has hidden \
        several thousand seeds, and no two in the same place. It does not mark them. It remembers where they are, and in \
        January, when the trunks are white on the windward side, it goes back to one after the other and is rarely wrong.

        "How does it know?" the girl asked.

        "How do you know where your shoes are?" said her grandfather.

        "I put them there."

        "Well then." He turned the collar of his coat up. "It is not a matter of being clever. It is a matter of having been \
        there, and of not having to look everywhere again."

        She thought about that. A bird that had to search the whole forest for every seed would spend the winter searching, \
        and the longer the autumn had been, the longer each search would take. A bird that remembers pays for each seed once.

        There are about thirty species of nuthatches in the family Sittidae. Most of them live in Asia. They are the only \
        birds that regularly climb down a trunk head first; woodpeckers and treecreepers climb upwards only. The Eurasian \
        nuthatch, Sitta europaea, weighs between 20 and 25 grams, is about 14 centimetres long, and narrows the entrance of \
        its nest hole with mud until just its own body fits through. The female lays 6 to 9 eggs in April or May; after 13 to \
        18 days of brooding the young hatch, and after another 23 to 25 days they leave the nest.

        The following function finds the largest of some numbers and says where it stands:

        def top(numbers):
            best = 0
            for index, number in enumerate(numbers):
                if number > numbers[best]:
                    best = index
            return best

        assert top([3, 1, 4, 1, 5, 9, 2, 6]) == 5

        And here is the same idea as a table of what was seen at the feeder in one week:

        | day | nuthatches | tits | finches |
        |---|---|---|---|
        | Monday | 2 | 14 | 5 |
        | Tuesday | 3 | 11 | 7 |
        | Wednesday | 2 | 17 | 4 |
        | Thursday | 4 | 9 | 6 |
        | Friday | 3 | 12 | 8 |

        普通䴓是一种小鸟,常常头朝下沿着树干往下走。秋天,它把种子一粒一粒地藏进树皮的缝隙里;到了冬天,它还记得每一粒种子在什么地方。如果每次\
        都要把整片森林重新找一遍,那么藏得越多,找得就越慢;而记住了地方,每一粒只需要付出一次的代价。

        In the evening the girl wrote down what she had learned. First, that whoever stores must also find. Second, that what \
        was put away does not change, so that it need not be looked at again until it is wanted. Third, that memory is not \
        free: there is only so much bark on a tree, and the day comes when something old has to be given up so that something \
        new can be kept. Her grandfather read it, moved his lips, and added a fourth line underneath in pencil. "And fourth," \
        it said, "that a bird which keeps only the newest seeds had better not forget the first ones, for everything it does \
        in the morning begins from there."
        """
}
