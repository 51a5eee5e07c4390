/**
 * Consonant runs that the voice accepts before the first vowel of a word; a word that begins in
 * another way, and is in no dictionary, is spelled letter by letter. Found by asking Flite about
 * every run of up to three consonants.
 */
const onsets: ReadonlySet<string> = wordSet(`
  b c d f g h j k l m n p q r s t v w x z bh bj bl br ch cl cr cw cz dh dj dl dr dv dw dz fj
  fl fr gh gj gl gm gn gr gw hl hr hs hw kh kj kl km kn kr kw lh ll mc mr nc nr pf ph pl pm pn
  pr ps pt rh sc sf sh sj sk sl sm sn sp sq sr st sv sw sz th tj tk tr ts tv tw vl vr wh wr zb
  zh zl zv zw chl chr grz mcb mcc mcd mcf mcg mch mck mcl mcm mcn mcp mcq mcr mct mcv mcw ncb
  ncc ncd ncf ncg nch nck ncl ncm ncn ncp ncq ncr nct ncv ncw pfl phl phr prz sch scl scr sgr
  shl shr skl skr sph spl spr str thr thw trz zdr
`);

/** Consonant runs that the voice accepts after the last vowel of a word; found the same way. */
const codas: ReadonlySet<string> = wordSet(`
  b c d f g h j k l m n p q r s t v w x z bb bh bl bs bt ch ck cq cs ct cz dd dh dl ds dt dz
  ff fs ft fz gg gh gl gm gn gs gt hd hg hl hm hn hr hs jl jm jn kh kk ks kt lb lc ld lf lg lk
  ll lm ln lp ls lt lx lz mb mc md mf mg mh mk ml mm mn mp mq ms mt mx mz nb nc nd nf ng nh nk
  nl nm nn np nq ns nt nx nz pf ph pl pp ps pt rb rc rd rf rg rk rl rm rn rp rr rs rt rv rx rz
  sc sh sk sm sn sp sr ss st sz th tl tr ts tt tz vl vr vs wd wk wl wm wn ws wt xt xx zd zk zm
  zn zs zz bbs bst bts chl chs cht ckl cks cld cts dds dmt dnt dst dth ffs fft fth fts ggs ghm
  ghn ghs ght gms gns gst gts hlf hls hlt hmg hms hng hns hrs hrt khs kst lbs lch lck lcs lds
  ldt lff lfs lft lgh lks lls lms lns lph lps lpt lsh lsk lst lth lts ltz mbs mch mck mcl mcs
  mct mcz mdh mdl mds mdt mff mft mgg mgh mgl mgs mgt mkl mks mms mns mpf mph mpl mpp mps mpt
  msk mst msz mth mtl mts mtt mtz mzl nbs nch nck ncl ncs nct ncz ndh ndl nds ndt nff nft ngg
  ngh ngl ngs ngt nkl nks nms nns npf nph npl npp nps npt nsk nst nsz nth ntl nts ntt ntz nzl
  phs pps pst pth pts rbs rch rck rcq rcs rcz rds rdt rff rfs rgh rgs rkl rks rkt rld rll rls
  rlt rmd rmm rmn rms rmt rnd rnm rnn rns rnt rpf rph rps rpt rrh rrs rsh rsk rss rst rth rtl
  rts rtt rtz rzt sch scs sks sms smt sns snt sps ssl stl sts stz szt tch thm thn ths tsk ttl
  tts ttz tzl vls vsk wds wks wls wms wns wsl wth wts xth xts zdz zts
`);

/** Endings that fail by letters alone, yet only occur in words that the voice's dictionary has. */
const dictionaryCodas: ReadonlySet<string> = wordSet(`
  dths fths ghth ghths ghts lfth lpts mphs mpts ndths ngst ngth ngths nths pths rlds rmth rsts rths
  thms xths
`);

/** Words without a pronounceable shape that the voice's dictionary has in lower case. */
const dictionaryWords: ReadonlySet<string> = wordSet(`
  bt cd dk dr etc jr lp ls mc mr mrs ms mph mt ng ph pm ppm rb rpm schmidt sh sr st tb th ts vs
`);

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}

/** Whether the voice reads a word of Latin letters as a word, rather than letter by letter. */
export function isSayable(word: string): boolean {
  const letters = word.toLowerCase();
  if (dictionaryWords.has(letters)) return word !== word.toUpperCase();
  const shape = /^([^aeiouy]*)[aeiouy](?:.*[aeiouy])?([^aeiouy]*)$/.exec(letters);
  if (shape === null) return letters.length === 1;
  const [, onset = "", coda = ""] = shape;
  return (
    (onset === "" || onsets.has(onset)) &&
    (coda === "" || codas.has(coda) || dictionaryCodas.has(coda))
  );
}

/** Whether the voice reads the word as a word only because its dictionary lists it. */
export function isInDictionaryOnly(word: string): boolean {
  const letters = word.toLowerCase();
  const coda = /[^aeiouy]*$/.exec(letters)?.[0] ?? "";
  return dictionaryWords.has(letters) || dictionaryCodas.has(coda);
}
