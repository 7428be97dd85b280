import ArgumentParser
import NuthatchGeneration
import NuthatchHub
import NuthatchTensors

/// `nuthatch list`: the models on this disk, and the aliases that can be pulled.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the models that are here, and the known aliases.")

    @Flag(help: "Print one JSON object.")
    var json = false

    private struct Row: Encodable {
        let name: String
        let state: String
        let bytes: Int
        let path: String?
        let source: String
    }

    func run() async throws {
        let store = try ModelFiles(Settings(), quiet: json).library.store
        let present = store.list()
        var rows = present.map { model in
            Row(
                name: model.reference, state: "\(model.state)", bytes: model.byteCount, path: model.path,
                source: model.source)
        }
        for model in store.catalogue.models where !present.contains(where: { $0.reference == model.name }) {
            rows.append(
                Row(
                    name: model.name, state: "absent", bytes: model.byteCount, path: nil,
                    source: model.summary))
        }
        if json { return try Terminal.standardOutput.write(JSONOutput.line(["models": rows])) }
        let width = rows.map(\.name.count).max() ?? 0
        for row in rows {
            let name = row.name.padded(to: width)
            let size = Quantities.bytes(row.bytes)
            let place = row.path ?? "nuthatch pull \(row.name)"
            try Terminal.standardOutput.write("\(name)  \(row.state)  \(size)  \(place)\n")
        }
    }
}
