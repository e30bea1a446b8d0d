/// What a child that could not become the command says through its pipe.
struct SpawnReport {
    /// 1 when the working directory could not be entered, 2 when the program could not be executed.
    var stage: Int32 = 0
    var code: Int32 = 0
}
