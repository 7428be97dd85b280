import Foundation
import NuthatchTokenizers

extension ChatDate {
    /// The local date and time now, for templates that print it.
    static var today: ChatDate? {
        let parts = Calendar(identifier: .gregorian).dateComponents(
            [.year, .month, .day, .hour, .minute, .second], from: Date())
        guard let year = parts.year, let month = parts.month, let day = parts.day else { return nil }
        return ChatDate(
            year: year, month: month, day: day, hour: parts.hour ?? 0, minute: parts.minute ?? 0,
            second: parts.second ?? 0)
    }
}
