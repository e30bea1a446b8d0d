/// How many bytes of one stream are in its file, and how many the command wrote.
struct StreamTotals {
    var written: Int64 = 0
    var total: Int64 = 0
}
