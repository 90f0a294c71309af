/** The languages that pages are written in, as BCP 47 tags. */
const LOCALES = ['en', 'vi', 'zh-Hant', 'tr', 'es'] as const
export type Locale = (typeof LOCALES)[number]

export interface PageWords {
  readonly performances: string
  readonly performancesDescription: string
  readonly noPerformances: string
  readonly nothingFound: string
  readonly search: string
  readonly mySeats: string
  readonly organise: string
  readonly skip: string
  readonly fromTo: (low: string, high: string) => string
  readonly prices: string
  readonly available: (count: string) => string
  readonly soldOut: string
  readonly ended: string
  readonly opensAt: (time: string) => string
  readonly closed: string
  readonly description: (name: string, time: string, place: string) => string
  readonly needsScript: string
  readonly notFound: string
  readonly notFoundDetail: string
  readonly toPerformances: string
}

/** What pages say before any script runs. A language that lacks a word does not compile. */
export const PAGE_WORDS: Readonly<Record<Locale, PageWords>> = {
  en: {
    performances: 'Performances',
    performancesDescription: 'Choose a performance, see every seat of the hall, and take yours.',
    noPerformances: 'There is nothing on sale at the moment.',
    nothingFound: 'Nothing matches your search.',
    search: 'Search',
    mySeats: 'My seats',
    organise: 'Organise',
    skip: 'Skip to the content',
    fromTo: (low, high) => `${low} to ${high}`,
    prices: 'Prices',
    available: (count) => `${count} places available`,
    soldOut: 'Sold out',
    ended: 'This performance is over.',
    opensAt: (time) => `On sale from ${time}`,
    closed: 'The sale is closed.',
    description: (name, time, place) => `${name}, ${time}, ${place}. Choose your seats on the plan of the hall.`,
    needsScript: 'Choosing seats on the plan needs JavaScript.',
    notFound: 'There is no such page',
    notFoundDetail: 'The address may have been mistyped, or what was here is gone.',
    toPerformances: 'To all performances',
  },
  vi: {
    performances: 'Buổi diễn',
    performancesDescription: 'Chọn buổi diễn, xem từng ghế trong khán phòng và giữ chỗ của bạn.',
    noPerformances: 'Hiện chưa có buổi diễn nào mở bán.',
    nothingFound: 'Không có kết quả nào phù hợp.',
    search: 'Tìm kiếm',
    mySeats: 'Ghế của tôi',
    organise: 'Ban tổ chức',
    skip: 'Chuyển đến nội dung',
    fromTo: (low, high) => `${low} đến ${high}`,
    prices: 'Giá vé',
    available: (count) => `Còn ${count} chỗ`,
    soldOut: 'Đã bán hết',
    ended: 'Buổi diễn này đã kết thúc.',
    opensAt: (time) => `Mở bán từ ${time}`,
    closed: 'Đã ngừng bán vé.',
    description: (name, time, place) => `${name}, ${time}, ${place}. Chọn ghế ngay trên sơ đồ khán phòng.`,
    needsScript: 'Cần bật JavaScript để chọn ghế trên sơ đồ.',
    notFound: 'Không tìm thấy trang',
    notFoundDetail: 'Có thể địa chỉ bị gõ sai, hoặc nội dung ở đây không còn nữa.',
    toPerformances: 'Xem tất cả buổi diễn',
  },
  'zh-Hant': {
    performances: '場次',
    performancesDescription: '選擇場次，查看全場座位，留住你的位子。',
    noPerformances: '目前沒有開賣的場次。',
    nothingFound: '找不到符合的場次。',
    search: '搜尋',
    mySeats: '我的座位',
    organise: '主辦單位',
    skip: '跳至主要內容',
    fromTo: (low, high) => `${low} 至 ${high}`,
    prices: '票價',
    available: (count) => `尚餘 ${count} 個位子`,
    soldOut: '已售完',
    ended: '本場次已結束。',
    opensAt: (time) => `${time} 開賣`,
    closed: '已停止售票。',
    description: (name, time, place) => `${name}，${time}，${place}。直接在座位圖上選位。`,
    needsScript: '在座位圖上選位需要啟用 JavaScript。',
    notFound: '找不到這個頁面',
    notFoundDetail: '網址可能輸入錯誤，或內容已經移除。',
    toPerformances: '查看所有場次',
  },
  tr: {
    performances: 'Gösteriler',
    performancesDescription: 'Bir gösteri seçin, salondaki her koltuğu görün ve yerinizi ayırın.',
    noPerformances: 'Şu anda satışta gösteri yok.',
    nothingFound: 'Aramanızla eşleşen bir şey yok.',
    search: 'Ara',
    mySeats: 'Koltuklarım',
    organise: 'Organizatör',
    skip: 'İçeriğe geç',
    fromTo: (low, high) => `${low} – ${high}`,
    prices: 'Fiyatlar',
    available: (count) => `${count} yer boş`,
    soldOut: 'Tükendi',
    ended: 'Bu gösteri sona erdi.',
    opensAt: (time) => `Satış başlangıcı: ${time}`,
    closed: 'Satış kapandı.',
    description: (name, time, place) => `${name}, ${time}, ${place}. Koltuğunuzu salon planından seçin.`,
    needsScript: 'Plandan koltuk seçmek için JavaScript gerekir.',
    notFound: 'Böyle bir sayfa yok',
    notFoundDetail: 'Adres yanlış yazılmış ya da buradaki içerik kaldırılmış olabilir.',
    toPerformances: 'Tüm gösteriler',
  },
  es: {
    performances: 'Funciones',
    performancesDescription: 'Elige una función, mira cada butaca de la sala y quédate con la tuya.',
    noPerformances: 'Ahora mismo no hay nada a la venta.',
    nothingFound: 'Nada coincide con tu búsqueda.',
    search: 'Buscar',
    mySeats: 'Mis butacas',
    organise: 'Organizar',
    skip: 'Ir al contenido',
    fromTo: (low, high) => `de ${low} a ${high}`,
    prices: 'Precios',
    available: (count) => `${count} plazas disponibles`,
    soldOut: 'Agotado',
    ended: 'Esta función ya ha terminado.',
    opensAt: (time) => `A la venta desde el ${time}`,
    closed: 'La venta está cerrada.',
    description: (name, time, place) => `${name}, ${time}, ${place}. Elige tus butacas en el plano de la sala.`,
    needsScript: 'Para elegir butacas en el plano hace falta JavaScript.',
    notFound: 'Esta página no existe',
    notFoundDetail: 'Puede que la dirección esté mal escrita o que lo que había aquí ya no esté.',
    toPerformances: 'Ver todas las funciones',
  },
}

/** The first of these wishes (BCP 47 tags, best first) that pages are written in; English when there is none. */
export function localeFor(wishes: readonly string[]): Locale {
  for (const wish of wishes) {
    const language = wish.toLowerCase().split('-', 1)[0]
    const locale = LOCALES.find((candidate) => candidate.toLowerCase().split('-', 1)[0] === language)
    if (locale !== undefined) return locale
  }
  return 'en'
}
