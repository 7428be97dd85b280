import NuthatchTensors
import NuthatchTokenizers

extension ChatDate {
    /// The local date and time now, for templates that print it.
    static var today: ChatDate? {
        LocalTime.now.flatMap {
            ChatDate(
                year: $0.year, month: $0.month, day: $0.day, hour: $0.hour, minute: $0.minute,
                second: $0.second)
        }
    }
}
