import Crypto
import Foundation
import NuthatchReports
import Testing

@Suite struct ContentPolicyTests {
    /// A style sheet that was changed has another hash, and a browser that doesn't know it shows none of it.
    @Test func thePolicyKnowsTheStyleSheetByItsHash() {
        let hash = Data(SHA256.hash(data: Data(Stylesheet.text.utf8))).base64EncodedString()
        #expect(Stylesheet.hash == hash, "Write \(hash) into Stylesheet.swift.")
    }
}
