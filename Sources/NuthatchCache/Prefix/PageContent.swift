package import NuthatchTensors

/// The tokens of one page of a sequence, and the images that reach into it: what a name is made of, and what is
/// compared where a name was found.
///
/// A view of the sequence's lists, for as long as somebody looks; whoever keeps it copies them.
package struct PageContent: Sendable, Equatable {
    /// The page's place in the sequence, from 0.
    package let number: Int
    /// The position of its first slot.
    package let start: Int
    /// As many as the page has slots, or fewer at the end of the sequence.
    package let tokens: ArraySlice<TokenID>
    /// The images with a token in the page, whether or not they begin or end in it.
    package let images: ArraySlice<TokenGrid>

    package init(number: Int, pageLength: Int, tokens: [TokenID], images: SequenceGrids = SequenceGrids()) {
        let start = number * pageLength
        let end = start + pageLength
        self.number = number
        self.start = start
        self.tokens = tokens[min(start, tokens.count)..<min(end, tokens.count)]
        let first = Self.firstIndex(of: images.all) { $0.range.upperBound > start }
        let last = Self.firstIndex(of: images.all) { $0.start >= end }
        self.images = images.all[first..<max(first, last)]
    }

    /// Whether a page that was kept is this one.
    func isEqual(_ keptTokens: [TokenID], _ keptImages: [TokenGrid]) -> Bool {
        tokens.elementsEqual(keptTokens) && images.elementsEqual(keptImages)
    }

    /// How many of the first tokens of a page that was kept are this page's too. Tokens of an image are equal where
    /// the image is, although their ids are always alike.
    func commonCount(_ keptTokens: [TokenID], _ keptImages: [TokenGrid]) -> Int {
        let length = min(tokens.count, keptTokens.count)
        var count = 0
        while count < length, tokens[tokens.startIndex + count] == keptTokens[count] { count += 1 }
        for index in 0..<max(images.count, keptImages.count) {
            let own = index < images.count ? images[images.startIndex + index] : nil
            let kept = index < keptImages.count ? keptImages[index] : nil
            if own == kept { continue }
            let difference = min(own?.start ?? .max, kept?.start ?? .max)
            return min(count, max(0, difference - start))
        }
        return count
    }

    /// The first image that `isThere` is true of, as it is of all behind it; found by bisection.
    private static func firstIndex(of images: [TokenGrid], where isThere: (TokenGrid) -> Bool) -> Int {
        var lower = 0
        var upper = images.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if isThere(images[middle]) { upper = middle } else { lower = middle + 1 }
        }
        return lower
    }
}
