import NuthatchTensors

/// Where a chat's lines come from: a terminal with editing and history, or anything else as it is.
struct ChatLines {
    private enum Source {
        case terminal(TerminalLineReader)
        case plain(PlainLineReader)
    }

    private let source: Source
    private let history: HistoryFile
    /// Whether a person types, whom a greeting and prompts are for.
    let isInteractive: Bool

    init(_ settings: Settings) {
        history = HistoryFile(path: settings.historyPath)
        isInteractive = Terminal.standardInput.isInteractive
        let screen = Terminal.standardError.isInteractive ? Terminal.standardError : .standardOutput
        var entries = LineHistory()
        if isInteractive {
            do throws(NuthatchError) { entries = try history.read() } catch { Self.warn(error) }
        }
        if let reader = TerminalLineReader(
            input: Terminal.standardInput.descriptor, output: screen, terminalName: settings.terminalName,
            history: entries)
        {
            source = .terminal(reader)
        } else {
            source = .plain(PlainLineReader(descriptor: Terminal.standardInput.descriptor))
        }
    }

    func read(prompt: String) -> LineEvent {
        switch source {
        case .terminal(let reader): return reader.readLine(prompt: prompt)
        case .plain(let reader):
            if isInteractive { Terminal.standardError.say(prompt) }
            do throws(NuthatchError) {
                return try reader.readLine().map { .line($0) } ?? .end
            } catch {
                return .refused("\(error)", status: ExitStatus(error.code))
            }
        }
    }

    /// Keeps what was entered for the next time.
    func remember(_ entry: String) {
        guard case .terminal(let reader) = source, reader.remember(entry) else { return }
        do throws(NuthatchError) { try history.add(entry) } catch { Self.warn(error) }
    }

    private static func warn(_ error: NuthatchError) {
        Terminal.standardError.say("nuthatch: \(TerminalText.visible("\(error)"))\n")
    }
}
