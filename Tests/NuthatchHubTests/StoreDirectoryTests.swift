import NuthatchHub
import NuthatchTensors
import Testing

@Suite struct StoreDirectoryTests {
    @Test(arguments: [
        (["NUTHATCH_HOME": "/models", "XDG_CACHE_HOME": "/caches", "HOME": "/users/a"], "/models"),
        (["NUTHATCH_HOME": "models", "HOME": "/users/a"], "models"),
        (["NUTHATCH_HOME": "", "XDG_CACHE_HOME": "/caches", "HOME": "/users/a"], "/caches/nuthatch"),
        (["XDG_CACHE_HOME": "/caches/", "HOME": "/users/a"], "/caches/nuthatch"),
        (["XDG_CACHE_HOME": "/"], "/nuthatch"),
        (["XDG_CACHE_HOME": "", "HOME": "/users/a"], "/users/a/.cache/nuthatch"),
        (["XDG_CACHE_HOME": "caches", "HOME": "/users/a"], "/users/a/.cache/nuthatch"),
        (["XDG_CACHE_HOME": "~/caches", "HOME": "/users/a//"], "/users/a/.cache/nuthatch"),
        (["HOME": "/"], "/.cache/nuthatch"),
    ])
    func theEnvironmentSaysWhereModelsAreKept(environment: [String: String], expected: String) {
        #expect(StoreDirectory.path(in: environment) == expected)
    }

    @Test(arguments: [[:], ["HOME": ""], ["HOME": "home/a"]])
    func withoutAHomeTheListOfUsersSaysIt(environment: [String: String]) {
        #expect(UserHome.ofAccount.hasPrefix("/"))
        #expect(UserHome.path(in: environment) == UserHome.ofAccount)
        #expect(StoreDirectory.path(in: environment).hasSuffix("/.cache/nuthatch"))
    }

    @Test func aReferenceBelowTheHomeIsBelowTheOneThatTheEnvironmentNames() throws {
        let reference = try ModelReference.parse("~/m.gguf", home: "/users/a")
        #expect(reference == ModelReference(.file(path: "/users/a/m.gguf")))
    }
}
